// Where files come from: the pickers, a camera, drops anywhere on the page, the clipboard.

async function filesBelow(folder) {
  const reader = folder.createReader();
  const files = [];
  for (;;) {
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return files;
    for (const entry of entries) {
      if (entry.isDirectory) files.push(...(await filesBelow(entry)));
      else files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    }
  }
}

// What lies in a folder beside its images was not meant; what was chosen by itself was.
function onlyImages(files) {
  return [...files].filter((file) => file.type.startsWith("image/") || /\.(heic|avif|tiff?)$/i.test(file.name));
}

async function filesOf(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  // Read at once: after the first pause the transfer is empty.
  const found = items.map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  const files = [];
  for (const [entry, file] of found) {
    if (entry?.isDirectory) files.push(...onlyImages(await filesBelow(entry)));
    else if (file) files.push(file);
  }
  return files;
}

/** Takes over the page's pickers, drops and pastes; onFiles gets an array of each. */
export function start(onFiles) {
  for (const input of document.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      onFiles(input.webkitdirectory ? onlyImages(input.files) : [...input.files]);
      input.value = "";
    });
  }
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  addEventListener("drop", async (event) => {
    document.body.classList.remove("dropping");
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    onFiles(await filesOf(event.dataTransfer));
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    onFiles([...event.clipboardData.files]);
  });
}
