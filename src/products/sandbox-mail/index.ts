// Product: the sandbox's mailboxes, as pages and programs see them. Reads memory of the sandbox through a port that
// main hands in while the installation is in sandbox mode; answers 404 outside of it. Owns no table.
export {
  type OpenedMail,
  type SandboxMailPorts,
  type SandboxMailView,
  type SandboxWorld,
  sandboxMailRoutes,
} from './routes.ts';
