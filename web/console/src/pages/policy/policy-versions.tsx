import { useQuery } from '@tanstack/react-query';
import type { PolicyVersion } from '../../api-types.ts';
import { policyVersionsQuery } from '../../data/administration.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { policyText as words } from '../../text/policy.ts';
import { workbenchText } from '../../text/policy-workbench.ts';
import { CompareVersions } from './compare-versions.tsx';
import { KeepDraft } from './keep-draft.tsx';
import { toDocument, toDraft } from './rules.ts';

/** Every version that ever was; an old one can be put into the form, or kept as a draft. */
export function PolicyVersions({
  current,
  may,
  onUse,
}: {
  current: number;
  may: boolean;
  onUse: (version: PolicyVersion) => void;
}) {
  const versions = useQuery(policyVersionsQuery);
  return (
    <Section title={words.versions}>
      {versions.isPending && <RowsSkeleton rows={2} label={words.versionsLoading} />}
      {versions.isError && <Failure error={versions.error} retry={() => void versions.refetch()} />}
      {versions.data && (
        <ul className="border-t border-line">
          {versions.data.items.map((version) => (
            <li
              key={version.version}
              className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2"
            >
              <span className="w-24 font-medium">{words.version(version.version)}</span>
              <span className="min-w-0 flex-1 basis-64 text-ink-2">
                {words.sentence(version.methods.map((method) => common.method[method]).join(' → '))};{' '}
                {words.savedBy(version.createdBy.label)}, <When time={version.createdAt} />
              </span>
              {version.version === current ? (
                <span className="rounded bg-done-soft px-1.5 py-0.5 text-xs font-medium text-done">
                  {words.current}
                </span>
              ) : (
                may && (
                  <>
                    <Button kind="quiet" onClick={() => onUse(version)}>
                      {words.useVersion}
                    </Button>
                    <KeepDraft
                      quiet
                      document={toDocument(toDraft(version))}
                      baseVersion={current}
                      label={workbenchText.restore}
                      name={workbenchText.restoredName(version.version)}
                    />
                  </>
                )
              )}
            </li>
          ))}
        </ul>
      )}
      {versions.data && versions.data.items.length > 1 && (
        <CompareVersions
          key={versions.data.items.length}
          versions={versions.data.items.map(({ version }) => version)}
        />
      )}
    </Section>
  );
}
