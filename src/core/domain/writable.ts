/** What its maker may change and everybody else may only read. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] }
