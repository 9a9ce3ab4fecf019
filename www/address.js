// What the address bar says: which listing, and which image is open. Back and share depend on it.

const SORTS = ["new", "old", "name", "size"];

/** {q, sort, cursor} of an address's search part; what is absent or unknown is the default. */
export function parseSearch(search) {
  const parameters = new URLSearchParams(search);
  const sort = parameters.get("sort");
  return {
    q: (parameters.get("q") ?? "").trim(),
    sort: SORTS.includes(sort) ? sort : "new",
    cursor: parameters.get("cursor") ?? "",
  };
}

/** The shortest search part that says the same: "" for the newest images. */
export function formatSearch({ q = "", sort = "new", cursor = "" }) {
  const parameters = new URLSearchParams();
  if (q) parameters.set("q", q);
  if (sort !== "new") parameters.set("sort", sort);
  if (cursor) parameters.set("cursor", cursor);
  const text = parameters.toString();
  return text && `?${text}`;
}

/** The id of the image that a fragment opens, or null. */
export function parseHash(hash) {
  return /^#image=([0-9a-f]{32})$/.exec(hash)?.[1] ?? null;
}

export function formatHash(id) {
  return `#image=${id}`;
}
