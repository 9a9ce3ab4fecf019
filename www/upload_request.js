// Sends one file to the server.

import { Interrupted, UNREACHABLE, failureOf, keepToken, operatorToken, parse } from "./api.js";

/** @import { UploadedImage } from "./api.js" */

/**
 * Uploads one file. Resolves to its image, with the status 201 or, if the gallery has it already, 200. It uses
 * XMLHttpRequest because fetch does not report an upload's progress.
 *
 * @param {File} file
 * @param {{onProgress: (part: number) => void, signal: AbortSignal}} options the part sent so far, 0 to 1; cancels the
 *   upload
 * @returns {Promise<UploadedImage>}
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
    request.onerror = () => reject(new Interrupted(UNREACHABLE));
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
