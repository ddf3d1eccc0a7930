package pairs

// An ActionKind is what somebody does, in words: the name of a command in the
// table, and how the line of a trace begins.
type ActionKind string

// The kinds.
const (
	ActionMessage     ActionKind = "customer: message"
	ActionAutoMessage ActionKind = "customer's machine: out of office"
	ActionParticipant ActionKind = "somebody else: message"
	ActionConfirm     ActionKind = "customer: confirm"
	ActionConfirmElse ActionKind = "somebody else: confirm"
	ActionConfirmAI   ActionKind = "ai: confirm"
	ActionDecline     ActionKind = "customer: decline"
	ActionAIReply     ActionKind = "ai: reply"
	ActionGiveUp      ActionKind = "ai: give up"
	ActionTimeout     ActionKind = "system: the ai timed out"
	ActionOffer       ActionKind = "ai: offer"
	ActionTimer       ActionKind = "system: timer"
	ActionIdle        ActionKind = "system: timer idle"
	ActionSwitchOff   ActionKind = "system: switch off"
	ActionIdentify    ActionKind = "system: identify"
	ActionTakeOver    ActionKind = "agent: take over"
	ActionReply       ActionKind = "agent: reply"
	ActionAsk         ActionKind = "agent: ask"
	ActionPickUp      ActionKind = "agent: pick up"
	ActionResolve     ActionKind = "agent: resolve"
	ActionReopen      ActionKind = "agent: reopen the ticket"
	ActionHold        ActionKind = "agent: hold the ticket"
	ActionRelease     ActionKind = "agent: release the ticket"
	ActionCreate      ActionKind = "agent: create a ticket"
	ActionReturn      ActionKind = "agent: return to the ai"
	ActionArchive     ActionKind = "agent: archive"
	ActionUnarchive   ActionKind = "agent: unarchive"
	ActionNote        ActionKind = "agent: note"
	ActionRead        ActionKind = "agent: read"
	ActionSweep       ActionKind = "retention: sweep"
	ActionWaitOffer   ActionKind = "time: the offer expires"
	ActionWaitPurge   ActionKind = "time: a ticket is due to go"
	ActionAddOnOff    ActionKind = "tenant: the add-on goes"
	ActionAddOnOn     ActionKind = "tenant: the add-on comes back"
)
