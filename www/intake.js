// Takes files from the pickers, a camera, drops anywhere on the page and the clipboard.

import { lazily } from "./lazy.js";

/** @type {() => Promise<typeof import("./selection.js")>} */
export const loadSelection = lazily((tries) => import(`./selection.js${tries > 0 ? `?try=${tries}` : ""}`));

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<File[]>}
 */
async function filesBelow(folder) {
  const reader = folder.createReader();
  /** @type {File[]} */
  const files = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const entries = await new Promise((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0) return files;
    for (const entry of entries) {
      if (isFolder(entry)) files.push(...(await filesBelow(entry)));
      else files.push(await fileOf(/** @type {FileSystemFileEntry} */ (entry)));
    }
  }
}

/**
 * @param {FileSystemEntry} entry
 * @returns {entry is FileSystemDirectoryEntry}
 */
function isFolder(entry) {
  return entry.isDirectory;
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}

/**
 * @param {DataTransfer} transfer
 * @returns {Promise<{alone: File[], inFolders: File[]}>} the files that were dropped by themselves and those in folders
 */
async function filesOf(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  // All are read now: after the first await the transfer is empty.
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const alone = [];
  const inFolders = [];
  for (const { entry, file } of found) {
    if (entry && isFolder(entry)) inFolders.push(...(await filesBelow(entry)));
    else if (file) alone.push(file);
  }
  return { alone, inFolders };
}

/**
 * Listens to the page's pickers, drops and pastes.
 *
 * @param {(files: File[]) => void} onFiles is called with the files to upload
 * @param {(message: string) => void} onLeftOut is called with what to say if some of the files are not uploaded
 */
export function start(onFiles, onLeftOut) {
  /** @param {{alone?: File[], inFolders?: File[]}} chosen */
  const take = async ({ alone = [], inFolders = [] }) => {
    let files = [...alone, ...inFolders];
    try {
      const { selectAll } = await loadSelection();
      const selected = selectAll(alone, inFolders);
      files = selected.files;
      if (selected.message) onLeftOut(selected.message);
    } catch {
      // Then the server says which of them it does not take.
    }
    if (files.length > 0) onFiles(files);
  };
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[type=file]"))) {
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      take(input.webkitdirectory ? { inFolders: files } : { alone: files });
      input.value = "";
    });
  }
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  addEventListener("drop", async (event) => {
    document.body.classList.remove("dropping");
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    take(await filesOf(event.dataTransfer));
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take({ alone: files });
  });
}
