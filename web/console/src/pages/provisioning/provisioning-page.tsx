import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { connectionsQuery, mappingsQuery, provisioningQuery, setDomains } from '../../data/provisioning.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure, fieldError } from '../../parts/failure.tsx';
import { TextArea } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { provisioningText as words } from '../../text/provisioning.ts';
import { ConnectionForm } from './connection-form.tsx';
import { ConnectionRow } from './connection-row.tsx';
import { MappingRow } from './mapping-row.tsx';

/** How outside directories keep staff and groups in step. */
export function ProvisioningPage() {
  const may = useMay('sign-in:write');
  return (
    <Page title={words.title} lead={words.lead}>
      <Scim may={may} />
      <Connections may={may} />
      <Mappings may={may} />
    </Page>
  );
}

function Scim({ may }: { may: boolean }) {
  const setting = useQuery(provisioningQuery);
  return (
    <Section title={words.scim}>
      <p className="text-ink-2">{words.scimLead}</p>
      {setting.isPending && <RowsSkeleton rows={1} label={words.loading} />}
      {setting.isError && <Failure error={setting.error} retry={() => void setting.refetch()} />}
      {setting.data && (
        <>
          <CopyBox label={words.scimAddress} text={setting.data.scimAddress} />
          {may && <Domains domains={setting.data.furtherDomains} />}
        </>
      )}
    </Section>
  );
}

function Domains({ domains }: { domains: readonly string[] }) {
  const [text, setText] = useState(domains.join('\n'));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => setDomains(text.split(/\s+/).filter((one) => one !== '')),
    onSuccess: (fresh) => client.setQueryData(provisioningQuery.queryKey, fresh),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col items-start gap-3">
      <TextArea
        label={words.domains}
        hint={words.domainsLead}
        rows={2}
        spellCheck={false}
        value={text}
        error={fieldError(save.error, 'furtherDomains')}
        onChange={(event) => setText(event.target.value)}
      />
      <ActFailure error={save.error} />
      <Button type="submit" busy={save.isPending}>
        {words.saveDomains}
      </Button>
      {save.isSuccess && (
        <Notice tone="done" live>
          {words.saved}
        </Notice>
      )}
    </form>
  );
}

function Connections({ may }: { may: boolean }) {
  const connections = useQuery(connectionsQuery);
  return (
    <Section title={words.connections} actions={may && <ConnectionForm connection={null} />}>
      {connections.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {connections.isError && <Failure error={connections.error} retry={() => void connections.refetch()} />}
      {connections.data?.items.length === 0 && <Empty icon={<RefreshCw />} title={words.noConnections} />}
      {connections.data !== undefined && connections.data.items.length > 0 && (
        <ul className="border-t border-line">
          {connections.data.items.map((one) => (
            <ConnectionRow key={one.id} connection={one} may={may} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Mappings({ may }: { may: boolean }) {
  const mappings = useQuery(mappingsQuery);
  return (
    <Section title={words.mappings}>
      <p className="text-ink-2">{words.mappingsLead}</p>
      {mappings.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {mappings.isError && <Failure error={mappings.error} retry={() => void mappings.refetch()} />}
      {mappings.data?.items.length === 0 && <p className="text-ink-2">{words.noGroups}</p>}
      {mappings.data !== undefined && mappings.data.items.length > 0 && (
        <ul className="border-t border-line">
          {mappings.data.items.map((one) => (
            <MappingRow key={one.id} group={one} may={may} />
          ))}
        </ul>
      )}
    </Section>
  );
}
