// Takes files from the pickers, a camera, drops anywhere on the page and the clipboard.

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
 * Leaves out the other files of a folder. A file that was chosen by itself is always uploaded, so that the server can
 * say what is wrong with it.
 *
 * @param {Iterable<File>} files
 */
function onlyImages(files) {
  return [...files].filter((file) => file.type.startsWith("image/") || /\.(heic|avif|tiff?)$/i.test(file.name));
}

/** @param {DataTransfer} transfer */
async function filesOf(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  // All are read now: after the first await the transfer is empty.
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const files = [];
  for (const { entry, file } of found) {
    if (entry && isFolder(entry)) files.push(...onlyImages(await filesBelow(entry)));
    else if (file) files.push(file);
  }
  return files;
}

/**
 * Listens to the page's pickers, drops and pastes.
 *
 * @param {(files: File[]) => void} onFiles
 */
export function start(onFiles) {
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[type=file]"))) {
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      onFiles(input.webkitdirectory ? onlyImages(files) : files);
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
    onFiles(await filesOf(event.dataTransfer));
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  });
}
