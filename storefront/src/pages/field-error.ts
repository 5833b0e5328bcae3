/** What is wrong with a field, in words for the shopper; `field` is the id of the input it stands by. */
export type FieldError = { field: string; message: string };
