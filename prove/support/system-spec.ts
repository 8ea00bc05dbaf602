import type { OrganisationId } from '#core/ids';
import type { ConveyorLimits } from '#journey/conveyor';
import type { LogLevel, Overrides } from '#platform/runtime';
import type { PeerTable } from './peer-table.ts';
import type { KillPoint } from './system-process.ts';

/** What a system process is told at its start. */
export interface SystemSpec {
  readonly home: string;
  readonly peers: PeerTable;
  /** Settings over the defaults, by variable name. */
  readonly settings?: Overrides;
  readonly limits?: Partial<ConveyorLimits>;
  readonly logLevel?: LogLevel;
  /** Takes what the process prints; without it that goes where ours goes. */
  readonly logFile?: string;
  /** Ends itself with SIGKILL when it gets to this point the nth time. */
  readonly killAt?: { readonly point: KillPoint; readonly nth: number };
  /** Where to write down which deliveries are being sent; outlives a SIGKILL. */
  readonly sendingFile?: string;
}

/** What it tells when it serves. */
export interface SystemReady {
  readonly ports: {
    readonly http: number | null;
    readonly portal: number | null;
    readonly submission: number | null;
    readonly submissions: number | null;
  };
  readonly organisation: OrganisationId;
  /** The API key; told at the first start only. */
  readonly secret: string | null;
  readonly databaseUrl: string;
  readonly adminUrl: string | null;
  readonly postmaster: number | null;
}
