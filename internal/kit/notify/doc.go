// Package notify carries a message out of the house: by an HTTP gateway (as for
// SMS), by mail, by a signed webhook, or into a file for trials. It has no word of
// the domain.
//
// One small interface, Sender, has four makes; a YAML file names which of them
// stand here and for which channels (Read). What must always be true:
//
//   - an error says whether the message can never be sent so (Permanent), whether
//     it should be tried again (Again), or whether nobody knows if it was sent
//     (Unsure); the caller sends it again under the same Message.ID, which every
//     sender hands on so that a provider that saw it does not send it twice;
//   - nothing waits for ever: every sending has an end, answers are read to a
//     bound, redirects never lead to another host;
//   - secrets come from a file or the environment, stand in no error and no log,
//     and go over TLS or to this machine only;
//   - an error names a short code and never the receiver or the text.
package notify
