// The gallery's HTTP API, and the tokens that this browser keeps.

const OPERATOR = "vitrine.operator";
const TOKEN = "vitrine.token.";

/** An answer that is not a success; the message is the server's own reason. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}`);
    this.status = status;
  }
}

export function keepOperatorToken(token) {
  if (token) localStorage.setItem(OPERATOR, token);
  else localStorage.removeItem(OPERATOR);
}

export function operatorToken() {
  return localStorage.getItem(OPERATOR);
}

/** The token that may change an image, or null where this browser has none. */
export function tokenOf(id) {
  return localStorage.getItem(TOKEN + id) ?? operatorToken();
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function call(method, path, { token, body } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = parse(await response.text());
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

/** One page of images: {images, next, total}. query has sort, q and cursor; empty ones are left out. */
export function list(query) {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return call("GET", `/api/images?${parameters}`);
}

export function rename(id, name) {
  return call("PATCH", `/api/images/${id}`, { token: tokenOf(id), body: { name } });
}

export async function remove(id) {
  await call("DELETE", `/api/images/${id}`, { token: tokenOf(id) });
  localStorage.removeItem(TOKEN + id);
}

/**
 * Uploads one file and resolves to its image, `status` 200 or 201. onProgress gets 0 to 1. By
 * XMLHttpRequest: fetch does not tell how far an upload is.
 */
export function upload(file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", "/api/images");
    request.setRequestHeader("Accept", "application/json");
    if (operatorToken()) request.setRequestHeader("Authorization", `Bearer ${operatorToken()}`);
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Error("The server cannot be reached"));
    request.onload = () => {
      const answer = parse(request.responseText);
      const image = answer?.images?.[0];
      if (request.status >= 300 || !image) {
        reject(new Refused(request.status, image?.error ?? answer));
        return;
      }
      if (image.delete_token) localStorage.setItem(TOKEN + image.id, image.delete_token);
      resolve(image);
    };
    request.send(form);
  });
}
