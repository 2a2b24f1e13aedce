/**
 * How numbers are written that JSON has none for: as the texts "NaN", "Infinity" and "-Infinity", as the JSON mapping of Protocol Buffers
 * has them.
 */
export const NOT_FINITE = ['NaN', 'Infinity', '-Infinity'] as const;
