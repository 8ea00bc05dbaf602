/**
 * The conveyor. In: due work from the record, the stages from main. Out: committed outcomes. Owns leases and the
 * order of the stages, no table. Better deliver twice than lose mail: a crash repeats at most what was in flight.
 */
export { type Conveyor, createConveyor, type TrackPorts } from './conveyor.ts';
export type { DeliveryRun } from './run-delivery.ts';
export type { NoticeRunEnd } from './run-notice.ts';
export type {
  ConveyorLimits,
  ConveyorPorts,
  DeliverStage,
  InboundStage,
  NoticeIdentity,
  Point,
  SendRequest,
} from './stages.ts';
