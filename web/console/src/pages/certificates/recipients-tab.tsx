import { useInfiniteQuery } from '@tanstack/react-query';
import { BadgeCheck } from 'lucide-react';
import { useState } from 'react';
import {
  addCertificate,
  certificatesQuery,
  removeCertificate,
  takeFromMail,
} from '../../data/certificates.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { certificatesText as words } from '../../text/certificates.ts';
import { common } from '../../text/common.ts';
import { ActDialog } from './act-dialog.tsx';
import { certificateText } from './certificate-file.ts';
import { CertificateRow } from './certificate-row.tsx';
import { FileField } from './file-field.tsx';

export function RecipientsTab() {
  const may = useMay('certificates:write');
  const certificates = useInfiniteQuery(certificatesQuery);
  const items = certificates.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex flex-col gap-4">
      {may && <Additions />}
      {certificates.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {certificates.isError && (
        <Failure error={certificates.error} retry={() => void certificates.refetch()} />
      )}
      {certificates.data && items.length === 0 && (
        <Empty icon={<BadgeCheck />} title={words.emptyTitle}>
          {words.empty}
        </Empty>
      )}
      {items.length > 0 && (
        <ul className="border-t border-line">
          {items.map((one) => (
            <CertificateRow
              key={one.id}
              name={one.address}
              note={words.sources[one.source] ?? one.source}
              certificate={one}
              standing={one.standing}
              actions={
                may && (
                  <ActDialog
                    danger
                    label={words.remove}
                    title={words.removeTitle(one.address)}
                    description={words.removeLead}
                    confirm={words.remove}
                    act={() => removeCertificate(one.id)}
                  />
                )
              }
            />
          ))}
        </ul>
      )}
      {certificates.hasNextPage && (
        <Button busy={certificates.isFetchingNextPage} onClick={() => void certificates.fetchNextPage()}>
          {common.more}
        </Button>
      )}
    </div>
  );
}

function Additions() {
  const [address, setAddress] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [mail, setMail] = useState<File | null>(null);
  const [taken, setTaken] = useState<number | null>(null);
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <ActDialog
          label={words.add}
          title={words.add}
          confirm={common.add}
          act={async () => file && addCertificate(address.trim(), await certificateText(file))}
        >
          <TextField
            label={words.address}
            required
            type="email"
            maxLength={320}
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
          <FileField label={words.file} hint={words.fileHint} accept=".pem,.crt,.cer,.der" onFile={setFile} />
        </ActDialog>
        <ActDialog
          label={words.fromMail}
          title={words.fromMail}
          confirm={words.take}
          act={async () => mail && setTaken((await takeFromMail(mail)).added)}
        >
          <FileField
            label={words.mailFile}
            hint={words.mailHint}
            accept=".eml,message/rfc822"
            onFile={setMail}
          />
        </ActDialog>
      </div>
      {taken !== null && <Notice tone="done" live title={words.taken(taken)} />}
    </>
  );
}
