/** The screens on which playground.css puts the result below the editors. */
export const narrowScreen = globalThis.matchMedia('(max-width: 767px)');
