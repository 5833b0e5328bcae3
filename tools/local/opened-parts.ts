/** What has been opened and must be closed again, also when only some of it could be opened. */
export type OpenedParts = {
  /** Takes over the closing of a part, and hands it back. */
  add: <Part extends AsyncDisposable>(part: Part) => Part;
  /** Closes all parts, the last one first, whatever fails meanwhile; rejects with the first failure. */
  close: () => Promise<void>;
};

/** Nothing opened yet. */
export function openedParts(): OpenedParts {
  const parts: AsyncDisposable[] = [];
  return {
    add: (part) => {
      parts.push(part);
      return part;
    },
    close: async () => {
      const failures: unknown[] = [];
      for (const part of parts.splice(0).reverse())
        try {
          await part[Symbol.asyncDispose]();
        } catch (error) {
          failures.push(error);
        }
      if (failures.length > 0) throw failures[0];
    },
  };
}
