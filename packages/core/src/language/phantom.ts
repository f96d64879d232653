/** The keys of what only types carry; none of them is there at run time. */
export declare const value: unique symbol
export declare const decision: unique symbol
export declare const answer: unique symbol
export declare const bindings: unique symbol
