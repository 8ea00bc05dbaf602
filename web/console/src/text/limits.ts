import { catalogue } from './catalogue.ts';

/** Words of what narrows rights: boundaries of people, guardrails of organisations. */
export const limitsText = catalogue({
  en: {
    loading: 'Being loaded',
    boundary: 'Boundary',
    boundaryLead:
      'The most that this person may do here, whatever roles and groups give. A boundary gives nothing: it only cuts.',
    unbounded: 'No boundary: this person may do whatever their roles give.',
    bounded: (count: number) =>
      count === 1
        ? 'At most one permission, whatever roles give.'
        : `At most ${count} permissions, whatever roles give.`,
    boundedToNone: 'Nothing at all, whatever roles give.',
    show: 'Show which',
    set: 'Set a boundary',
    change: 'Change',
    lift: 'Lift',
    liftOf: 'Lift the boundary',
    liftTitle: (name: string) => `Lift the boundary of ${name}?`,
    liftLead:
      'From their next request on, this person may do whatever their roles give. You can lift it only if you hold what it stops.',
    formTitle: (name: string) => `The most that ${name} may do`,
    formLead: 'What is not ticked is stopped, at once and by whatever way it comes.',
    notYours: 'You do not hold this yourself, so you cannot let it through.',
    wouldCut: 'This would cut what their roles give:',
    wouldCutNothing: 'This would cut nothing that their roles give now.',
    save: 'Save',
    cut: 'What is cut',
    cutLead: 'Their roles would give this, and something stops it.',
    cutNothing: 'Nothing is cut: what the roles give reaches this person.',
    by: (roles: string) => `from ${roles}`,
    stops: {
      boundary: 'stopped by the boundary of this person',
      guardrail: (who: string) => `forbidden by ${who}`,
      'role-cap': (who: string) => `more than ${who} lets a role of this name give`,
    },
    above: 'an organisation above',
    stillHeld: 'still comes by another role',
    may: 'May do here',
    mayNothing: 'Nothing.',
    only: (where: string) => `only ${where}`,
    care: 'own messages and own patients only',
    until: (time: string) => `until ${time}`,
    rightsTab: 'Rights',
    sessionsTab: 'Sessions',
    parts: 'Parts of this person’s page',
    backToPeople: 'All people',
    nobody: 'This person does not belong to your organisation, or no longer does.',
    neither: 'Your role shows neither this person’s rights nor their sessions.',
    guardrailsLead:
      'Guardrails are set by an organisation for all those below it. They give nothing; nobody below can loosen them.',
    fromAbove: 'Set above, counting here',
    fromAboveNone: 'No organisation above yours forbids anything here.',
    own: 'Set here, counting below',
    ownNone: 'Nothing is forbidden to the organisations below yours.',
    ownLead: 'They count in every organisation below yours, and not in your own.',
    denied: 'Nobody there may',
    caps: 'At most, by the name of a role',
    cap: (role: string) => `${role} gives at most`,
    capNothing: 'nothing',
    editTitle: 'What nobody below may do',
    editLead:
      'Ticked permissions can be given to nobody in the organisations below, at once. To loosen one you must hold it yourself.',
    capsLead:
      'A cap goes by the role’s name: a role of that name, ready or made below, gives no more than what is ticked.',
    capAdd: 'Add a cap',
    capRole: 'Role',
    capOther: 'Another name …',
    capName: 'Name of the role',
    capRemove: (role: string) => `Remove the cap of ${role}`,
    stoppedByBoundary:
      'A boundary is the most that a person may do, whatever roles give. This permission is not in it.',
    seeBoundary: 'See the boundary',
    stoppedByGuardrail: (who: string) =>
      `Set by ${who} for all organisations below it. Nobody here can loosen it; only an administrator there can.`,
    seeGuardrails: 'See what is forbidden from above',
    organisationAbove: 'An organisation above',
  },
});
