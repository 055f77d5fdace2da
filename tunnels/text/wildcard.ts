/** Whether a text has `*` or `?` in it. */
export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * Whether a name matches a pattern in which `*` stands for any run of characters and `?` for one.
 * Only the last `*` is ever tried again, so no pattern takes longer than name times pattern.
 */
export function matchesWildcard(name: string, pattern: string): boolean {
  let inName = 0;
  let inPattern = 0;
  let star = -1;
  let starName = 0;
  while (inName < name.length) {
    const wanted = pattern[inPattern];
    if (wanted === "*") {
      star = inPattern++;
      starName = inName;
    } else if (wanted === "?" || wanted === name[inName]) {
      inPattern++;
      inName++;
    } else if (star >= 0) {
      inPattern = star + 1;
      inName = ++starName;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(inPattern));
}
