/** Paths of the documents in a container: every path once, whatever the container calls them. */

/** Gives each name of a part its path below `path`. The part without a name is the container's own content. */
export function createPartNames(path: string): (name: string) => string {
  const given = new Set<string>();
  return (name) => {
    if (name === '') return path;
    // oxlint-disable-next-line no-control-regex -- a name with a line end would break whatever prints it
    const clean = name.replace(/[\0-\x1f\x7f]/g, '\ufffd');
    let unique = clean;
    for (let n = 2; given.has(unique); n++) unique = `${clean} (${n})`;
    given.add(unique);
    return `${path}/${unique}`;
  };
}
