// Who may upload, and whether this browser is the operator: the form in the page's head.

import * as api from "./api.js";

const details = document.querySelector("#operator");
const form = details.querySelector("form");
const message = details.querySelector("[role=alert]");
const signedIn = details.querySelector("#signed-in");
const pickers = document.querySelector("#pickers");
const signIn = document.querySelector("#sign-in");

let session = null; // the server's last word: {operator, upload}

function show() {
  const isOperator = session?.operator === true;
  form.hidden = isOperator;
  signedIn.hidden = !isOperator;
  details.classList.toggle("signed-in", isOperator);
  details.querySelector("summary").textContent = isOperator ? "Operator: signed in" : "Operator";
  pickers.hidden = session?.upload === false;
  signIn.hidden = !pickers.hidden;
}

async function askServer() {
  try {
    return await api.session(api.operatorToken());
  } catch (error) {
    if (error.status !== 403) throw error; // it says nothing of the token
    api.keepOperatorToken(""); // the operator has another one now
    return api.session(null);
  }
}

/** Asks the server what the token kept here is good for. Rejects, and changes nothing, where it gives no answer. */
export async function check() {
  session = await askServer();
  show();
}

/** Whether uploads may be sent; asks where that is not known yet, and rejects as check() does. */
export async function mayUpload() {
  if (!session) await check();
  return session.upload;
}

/** Opens the form. */
export function ask() {
  details.open = true;
  form.elements.token.focus();
}

/** onSignIn is called once the server has said that the token is right. */
export function start(onSignIn) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = form.elements.token.value;
    message.textContent = "";
    try {
      session = await api.session(token);
    } catch (error) {
      message.textContent = error.status === 403 ? "That token is not right." : error.message;
      form.elements.token.select();
      return;
    }
    api.keepOperatorToken(token);
    form.reset();
    show();
    signedIn.querySelector("button").focus();
    onSignIn();
  });
  signedIn.querySelector("button").addEventListener("click", async () => {
    api.keepOperatorToken("");
    session = null;
    show();
    form.elements.token.focus();
    await check().catch(() => {}); // who uploads asks again
  });
  signIn.addEventListener("click", ask);
}
