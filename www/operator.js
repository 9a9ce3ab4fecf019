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

/** Asks the server what the token kept here is good for; true where uploads may be sent. */
export async function check() {
  try {
    session = await api.session(api.operatorToken());
  } catch (error) {
    if (error.status === 403) {
      // The operator has another token now.
      api.keepOperatorToken("");
      session = await api.session(null).catch(() => null);
    }
    // Anything else says nothing of the token: an upload will be told.
  }
  show();
  return session?.upload !== false;
}

/** Whether uploads may be sent, as far as is known; asks where nothing is. */
export async function mayUpload() {
  return session ? session.upload : check();
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
    await check();
    form.elements.token.focus();
  });
  signIn.addEventListener("click", ask);
}
