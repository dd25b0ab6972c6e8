/** Paths of the documents in a container: every path once, whatever the container calls them. */

/** Gives each name of a part its path below `path`. The part without a name is the container's own content. */
export function createPartNames(path: string): (name: string) => string {
  /** how often a name was given; of many equal ones the last is found at once */
  const given = new Map<string, number>();
  return (name) => {
    if (name === '') return path;
    // oxlint-disable-next-line no-control-regex -- a name with a line end would break whatever prints it
    const clean = name.replace(/[\0-\x1f\x7f]/g, '\ufffd');
    let times = (given.get(clean) ?? 0) + 1;
    let unique = times === 1 ? clean : `${clean} (${times})`;
    for (; given.has(unique); unique = `${clean} (${times})`) times += 1;
    given.set(clean, times);
    if (unique !== clean) given.set(unique, 1);
    return `${path}/${unique}`;
  };
}
