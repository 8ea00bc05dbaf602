import { VARIABLES } from '#platform/runtime';

const COMMANDS = `sealpost: secure communication for healthcare

  sealpost start [--roles api,smtp,worker]   run (all roles by default)
  sealpost demo                              one message to five recipients on a temporary installation
  sealpost migrate                           bring the database schema up to date
  sealpost database move --to <home directory or postgres://…> [--from <home directory>] [--binaries <directory>]
                                             copy the database, verified table by table
  sealpost audit verify [--organisation ID]  verify the audit log against checkpoints and witness
  sealpost audit verify-export <file> <manifest> [--key KEY]
                                             verify exported entries, offline (0 holds, 1 fails, 3 no key given)
  sealpost proof verify <file> [--key KEYS] [--checkpoint FILE] [--recipient ADDRESS [--salt HEX]]
                                             verify a proof of protection, offline (0 holds, 1 fails, 3 no key given)
  sealpost keys rotate [--organisation ID]   rotate the keys of all organisations and the root key, or of one
  sealpost keys kit                          write a new recovery kit for the root key
  sealpost keys restore <kit file> --code C  put the root key back from a recovery kit
  sealpost keys tls-reports                  the DKIM records that DNS must publish for TLS reports
  sealpost inspect message <ID> --organisation ID --reason "…"
                                             what is on record of a message, without its content; audited
  sealpost inspect reason <AUDIT ENTRY ID> --organisation ID
                                             the reason that was given for such a look; audited
  sealpost analyse headers <file or -> [--json]
                                             how a message travelled, and which legs were encrypted; keeps nothing
  sealpost analyse domain <name> [--organisation ID] [--json]
                                             what a recipient domain's mail servers can do, and what Sealpost would do
  sealpost version
  sealpost help

Settings (environment):
`;

export function usage(): string {
  const width = Math.max(...Object.keys(VARIABLES).map((name) => name.length));
  const lines = Object.entries(VARIABLES).map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return `${COMMANDS}${lines.join('\n')}\n`;
}
