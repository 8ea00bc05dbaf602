import { useState } from 'react';
import type { MessageDetail } from '../../api-types.ts';
import { Button } from '../../parts/button.tsx';
import { messageText as words } from '../../text/message.ts';
import { DeliveryRow } from './delivery-row.tsx';

/** Every recipient's copy: seal mark, state, one sentence; all details on demand. */
export function RecipientsTab({ message }: { message: MessageDetail }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const all = message.deliveries.every((delivery) => open.has(delivery.id));
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <div>
      <div className="no-print flex items-center justify-between pb-2">
        <p className="text-ink-2">{words.recipients(message.deliveries.length)}</p>
        <Button
          kind="quiet"
          onClick={() => setOpen(new Set(all ? [] : message.deliveries.map((one) => one.id)))}
        >
          {all ? words.closeAll : words.openAll}
        </Button>
      </div>
      <ul className="border-t border-line">
        {message.deliveries.map((delivery) => (
          <DeliveryRow
            key={delivery.id}
            message={message.id}
            delivery={delivery}
            open={open.has(delivery.id)}
            onToggle={() => toggle(delivery.id)}
          />
        ))}
      </ul>
    </div>
  );
}
