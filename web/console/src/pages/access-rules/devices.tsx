import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import { changeDevice, type Device, devicesQuery, forgetDevice } from '../../data/access-rules.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { When } from '../../parts/when.tsx';
import { accessRulesText } from '../../text/access-rules.ts';

const words = accessRulesText.devices;

/** Browsers of the organisation's people, and which of them are trusted. */
export function Devices() {
  const devices = useQuery(devicesQuery);
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">{words.lead}</p>
      {devices.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {devices.isError && <Failure error={devices.error} retry={() => void devices.refetch()} />}
      {devices.data?.items.length === 0 && <Empty icon={<MonitorSmartphone />} title={words.none} />}
      {devices.data && devices.data.items.length > 0 && (
        <ul className="border-t border-line">
          {devices.data.items.map((device) => (
            <DeviceRow key={device.id} device={device} />
          ))}
        </ul>
      )}
    </div>
  );
}

function DeviceRow({ device }: { device: Device }) {
  const may = useMay('access-rules:write');
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: devicesQuery.queryKey });
  const trust = useMutation({
    mutationFn: () => changeDevice(device.id, { name: device.name, trusted: !device.trusted }),
    onSettled: refresh,
  });
  const forget = useMutation({ mutationFn: () => forgetDevice(device.id), onSettled: refresh });
  const name = device.name ?? device.agent ?? words.unnamed;
  const person = device.person?.displayName ?? '';
  const turn = device.trusted ? words.distrust : words.trust;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium [overflow-wrap:anywhere]">
          {person}: {name}
        </p>
        <p className="text-ink-2">
          {words.seen} <When time={device.lastSeenAt} />
          {device.trusted && `, ${words.trusted.toLowerCase()}`}
        </p>
      </div>
      {may && (
        <div className="flex gap-2">
          <Button
            busy={trust.isPending}
            aria-label={words.label(turn, name, person)}
            onClick={() => trust.mutate()}
          >
            {turn}
          </Button>
          <Button
            kind="danger"
            busy={forget.isPending}
            aria-label={words.label(words.forget, name, person)}
            onClick={() => forget.mutate()}
          >
            {words.forget}
          </Button>
        </div>
      )}
      <ActFailure error={trust.error ?? forget.error} />
    </li>
  );
}
