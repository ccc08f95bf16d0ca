/** Something that a test must show: what it is about, or why there is no test of it. */
export type Duty = string | NotOurs | NotYet;

/** No test of ours can show it. */
export interface NotOurs {
  readonly notOurs: string;
}

/** The part that it is about does not stand yet. */
export interface NotYet {
  readonly notYet: string;
  /** The issue that asks for it. */
  readonly issue: number;
}

export const notOurs = (reason: string): NotOurs => ({ notOurs: reason });
export const notYet = (about: string, issue: number): NotYet => ({ notYet: about, issue });
