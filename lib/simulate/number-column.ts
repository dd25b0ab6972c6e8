/** A column of numbers that grows: one typed array instead of an object per call, so that a million calls are a few dozen megabytes. */
import { longerNumbers } from './longer-array.ts';

export interface NumberColumn {
  push(value: number): void;
  /** the values, as one array of exactly their number */
  values(): Float64Array;
}

const FIRST_ROOM = 1024;

/** An empty column. */
export function createNumberColumn(): NumberColumn {
  let room = new Float64Array(FIRST_ROOM);
  let length = 0;
  return {
    push(value) {
      if (length === room.length) room = longerNumbers(room, length + 1);
      room[length++] = value;
    },
    values: () => room.slice(0, length),
  };
}
