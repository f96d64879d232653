/** What hosts supply; the name of this file is the name of the module that OPA's hosts supply it by. */

/** Ends the evaluation with a text that has a NUL behind it. */
export declare function opa_abort(message: u32): void
