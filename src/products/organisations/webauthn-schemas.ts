// The shapes stand with the room that judges what they carry; this keeps their short name for this product's routes.
export {
  authenticationOf,
  authenticationSchema,
  creationOptionsSchema,
  plainOptions,
  registrationOf,
  registrationSchema,
  requestOptionsSchema,
} from '#platform/access';
