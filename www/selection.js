// Decides which of the files that a person chose are uploaded.

/**
 * Files that were left out, counted by the reason.
 *
 * @typedef {{videos: number, others: number}} LeftOut
 */

const IMAGES = /\.(heic|heif|hif|avif|jxl|tiff?)$/i; // types that some browsers do not know
const VIDEOS = /\.(mp4|m4v|mov|qt|avi|mkv|webm|mpe?g|mts|m2ts|3gp|3g2|wmv|flv|ogv|insv)$/i;
const SYSTEM_FILES = /^(\..*|thumbs\.db|desktop\.ini)$/i; // what file managers keep in folders

/** @param {Pick<File, "name" | "type">} file */
function isVideo(file) {
  return file.type.startsWith("video/") || VIDEOS.test(file.name);
}

/** @param {Pick<File, "name" | "type">} file */
function isImage(file) {
  return file.type.startsWith("image/") || IMAGES.test(file.name);
}

/**
 * Separates the files to upload from those to leave out. Videos are always left out: phones offer them beside
 * photographs. Other files are left out if they come from a folder, and hidden ones silently, whatever their type: macOS
 * keeps "._IMG_1.JPG" beside "IMG_1.JPG". Those that were chosen by themselves are uploaded, so that the server can say
 * what is wrong with them.
 *
 * @template {Pick<File, "name" | "type">} F
 * @param {Iterable<F>} files
 * @param {{fromFolder?: boolean}} [options]
 * @returns {{files: F[], leftOut: LeftOut}}
 */
export function select(files, { fromFolder = false } = {}) {
  const leftOut = { videos: 0, others: 0 };
  const selected = [...files].filter((file) => {
    if (fromFolder && SYSTEM_FILES.test(file.name)) return false;
    if (isVideo(file)) leftOut.videos += 1;
    else if (!fromFolder || isImage(file)) return true;
    else leftOut.others += 1;
    return false;
  });
  return { files: selected, leftOut };
}

/**
 * Separates files that were chosen by themselves and those in folders.
 *
 * @template {Pick<File, "name" | "type">} F
 * @param {F[]} alone
 * @param {F[]} inFolders
 * @returns {{files: F[], message: string}} what to say of those that are left out, or ""
 */
export function selectAll(alone, inFolders) {
  const parts = [select(alone), select(inFolders, { fromFolder: true })];
  const [first, second] = parts.map(({ leftOut }) => leftOut);
  return {
    files: parts.flatMap(({ files }) => files),
    message: describe({ videos: first.videos + second.videos, others: first.others + second.others }),
  };
}

/**
 * Says in one line what was left out: "12 videos were left out. Vitrine keeps photographs, but no videos." Returns an empty
 * string if there was nothing.
 *
 * @param {LeftOut} leftOut
 */
export function describe({ videos, others }) {
  const parts = [];
  if (videos > 0) parts.push(videos === 1 ? "1 video" : `${videos.toLocaleString()} videos`);
  if (others > 0) parts.push(`${others.toLocaleString()} ${parts.length > 0 ? "other " : ""}${others === 1 ? "file" : "files"}`);
  if (parts.length === 0) return "";
  const verb = videos + others === 1 ? "was" : "were";
  const reason = others > 0 ? "Vitrine keeps images only." : "Vitrine keeps photographs, but no videos.";
  return `${parts.join(" and ")} ${verb} left out. ${reason}`;
}
