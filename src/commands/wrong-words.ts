/** Says what is wrong with the words of a command. */
export class WrongWords extends Error {
  override readonly name = 'WrongWords';
}

/** The word after an option; undefined when the option is not there. */
export function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}
