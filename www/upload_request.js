// One upload on its way.

import { Interrupted, failureOf, keepToken, operatorToken, parse } from "./api.js";

/**
 * Uploads one file; resolves to its image, `status` 201 or 200 (known already). onProgress gets 0 to
 * 1; signal, an AbortSignal, cancels. By XMLHttpRequest: fetch does not tell how far an upload is.
 */
export function upload(file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const form = new FormData();
    const operator = operatorToken();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    form.append("file", file, file.name);
    request.open("POST", "/api/images");
    request.setRequestHeader("Accept", "application/json");
    if (operator) request.setRequestHeader("Authorization", `Bearer ${operator}`);
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onabort = () => reject(signal.reason);
    request.onerror = () => reject(new Interrupted("The server cannot be reached."));
    request.onload = () => {
      const answer = parse(request.responseText);
      const image = answer?.images?.[0];
      if (request.status < 300 && image) {
        if (image.delete_token) keepToken(image.id, image.delete_token);
        resolve(image);
      } else {
        reject(failureOf(request.status, image?.error ?? answer, request.getResponseHeader("Retry-After")));
      }
    };
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.send(form);
  });
}
