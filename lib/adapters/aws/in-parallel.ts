/** Calls over a network, several at a time: waiting is most of their cost, and too many at once are refused. */

const AT_ONCE = 16;

/** Runs `work` for every item, at most some at once; the first failure ends it when what has begun is done. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | null = null;
  const worker = async (): Promise<void> => {
    while (failure === null && next < items.length) {
      const index = next++;
      try {
        await work(items[index] as T, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
}
