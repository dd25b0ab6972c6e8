/**
 * Settings of the garbage collector for a program through which a log streams: much is made and nearly all of it is dropped at once. Imported
 * first, for its effect. Measured on a million lines: 49 collections of the old generation become 5, and a tenth of the CPU time goes.
 */
import { setFlagsFromString } from 'node:v8';

// chunks of a stream lie outside the heap: alone they must not make the collector search the whole of it, 64 MB after 64 MB
setFlagsFromString('--external-memory-accounted-in-global-limit');
// what lives is some 30 MB: let it quadruple before it is searched
setFlagsFromString('--heap-growing-percent=300');
