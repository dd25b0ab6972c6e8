/**
 * Persons in the key of an object. In: a key. Out: the key with pseudonyms for the parts that name a person: home folders (`home/NAME`,
 * `Users/NAME`, also inside the dashed project folders of coding agents, `-home-NAME-work`), `user=NAME` pairs, and folders that the
 * person test knows. Everything else stays, so that a file can still be found by its owner.
 */

/** In a dashed folder the name ends at the next dash: names with dashes are cut short there, and only their rest stays readable. */
const DASHED_HOME = /^(-(?:home|Users)-)([^-/]+)/;
const USER_PAIR = /^((?:user|user_?id|user_?name|e-?mail|owner|developer)=)(.+)$/i;

export function hidePersonsInPath(
  key: string,
  isPerson: (text: string) => boolean,
  pseudonym: (text: string) => string,
): string {
  const parts = key.split('/');
  return parts
    .map((part, i) => {
      const isHome = i > 0 && i < parts.length - 1 && /^(home|users)$/i.test(parts[i - 1] ?? '');
      if (isHome && part !== '') return pseudonym(part);
      const pair = USER_PAIR.exec(part) ?? DASHED_HOME.exec(part);
      if (pair) return part.replace(pair[0], () => `${pair[1]}${pseudonym(pair[2] ?? '')}`);
      return isPerson(part) ? pseudonym(part) : part;
    })
    .join('/');
}
