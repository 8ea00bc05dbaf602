import { useQuery } from '@tanstack/react-query';
import { BookUser } from 'lucide-react';
import type { CertificateDirectory } from '../../api-types.ts';
import { directoriesQuery, removeDirectory } from '../../data/certificates.ts';
import { useMay } from '../../data/session.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { directoriesText as words } from '../../text/directories.ts';
import { ActDialog } from './act-dialog.tsx';
import { DirectoryDialog } from './directory-dialog.tsx';
import { DirectoryTest } from './directory-test.tsx';

/** LDAP directories in which recipients' certificates are looked for. */
export function DirectoriesTab() {
  const may = useMay('certificates:write');
  const directories = useQuery(directoriesQuery);
  return (
    <div className="flex flex-col gap-4">
      <p className="prose-width text-ink-2">{words.lead}</p>
      {may && (
        <div>
          <DirectoryDialog directory={null} />
        </div>
      )}
      {directories.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {directories.isError && <Failure error={directories.error} retry={() => void directories.refetch()} />}
      {directories.data?.items.length === 0 && (
        <Empty icon={<BookUser />} title={words.emptyTitle}>
          {words.empty}
        </Empty>
      )}
      {directories.data && directories.data.items.length > 0 && (
        <ul className="border-t border-line">
          {directories.data.items.map((one) => (
            <DirectoryRow key={one.id} directory={one} may={may} />
          ))}
        </ul>
      )}
    </div>
  );
}

function DirectoryRow({ directory, may }: { directory: CertificateDirectory; may: boolean }) {
  const { host, port, security, baseDn, bindDn, authorities } = directory;
  return (
    <li className="flex flex-col gap-3 border-b border-line py-3">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <p className="font-medium [overflow-wrap:anywhere]">{`${host}:${port}`}</p>
          <p className="text-ink-2">
            {words.securities[security]}
            {authorities !== '' && `, ${words.ownAuthority}`}
          </p>
          <p className="text-ink-2 [overflow-wrap:anywhere]">
            {words.baseDn}: {baseDn}
          </p>
          <p className="text-ink-2 [overflow-wrap:anywhere]">
            {bindDn === null ? words.anonymous : `${words.bindDn}: ${bindDn}`}
          </p>
        </div>
        {may && (
          <div className="flex flex-wrap gap-2">
            <DirectoryDialog directory={directory} />
            <ActDialog
              danger
              label={words.remove}
              title={words.removeTitle(host)}
              description={words.removeLead}
              confirm={words.remove}
              act={() => removeDirectory(directory.id)}
            />
          </div>
        )}
      </div>
      {may && <DirectoryTest directory={directory} />}
    </li>
  );
}
