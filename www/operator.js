// The operator's form at the top of the page: whether this browser is signed in, and whether it may upload.

import * as api from "./api.js";
import { element } from "./elements.js";

/** @import { Session } from "./api.js" */

const details = element("#operator", HTMLDetailsElement);
const summary = element("summary", HTMLElement, details);
const form = element("form", HTMLFormElement, details);
const field = element("input[name=token]", HTMLInputElement, form);
const message = element("[role=alert]", HTMLElement, details);
const signedIn = element("#signed-in", HTMLElement, details);
const signOut = element("button", HTMLButtonElement, signedIn);
const pickers = element("#pickers", HTMLElement);
const signIn = element("#sign-in", HTMLButtonElement);

/** @type {Session | null} the server's last answer */
let session = null;

function show() {
  const isOperator = session?.operator === true;
  form.hidden = isOperator;
  signedIn.hidden = !isOperator;
  details.classList.toggle("signed-in", isOperator);
  summary.textContent = isOperator ? "Operator: signed in" : "Operator";
  pickers.hidden = session?.upload === false;
  signIn.hidden = !pickers.hidden;
}

async function askServer() {
  try {
    return await api.session(api.operatorToken());
  } catch (error) {
    if (error.status !== 403) throw error; // the token may still be right
    api.keepOperatorToken(""); // the operator has changed the token
    return api.session(null);
  }
}

/** Asks the server what this browser's token allows. If there is no answer, it rejects and changes nothing. */
export async function check() {
  session = await askServer();
  show();
  return session;
}

/** Whether this browser may upload. Asks the server if that is not known yet, and rejects as check() does. */
export async function mayUpload() {
  return (session ?? (await check())).upload;
}

/** Opens the form. */
export function ask() {
  details.open = true;
  field.focus();
}

/**
 * Makes the form work.
 *
 * @param {() => void} onSignIn is called after each sign-in
 */
export function start(onSignIn) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = field.value;
    message.textContent = "";
    try {
      session = await api.session(token);
    } catch (error) {
      message.textContent = error.status === 403 ? "That token is not right." : error.message;
      field.select();
      return;
    }
    api.keepOperatorToken(token);
    form.reset();
    show();
    signOut.focus();
    onSignIn();
  });
  signOut.addEventListener("click", async () => {
    api.keepOperatorToken("");
    session = null;
    show();
    field.focus();
    await check().catch(() => {}); // the next upload asks again
  });
  signIn.addEventListener("click", ask);
}
