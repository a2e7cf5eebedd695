package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	netmail "net/mail"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// mailer sends over SMTP.
type mailer struct {
	host, tls, user, secret, from string
	port                          int
	timeout                       time.Duration
}

// Send opens a connection, hands the mail over and closes it.
func (s *mailer) Send(ctx context.Context, m Message) (string, error) {
	msg, id, err := s.message(m)
	if err != nil {
		return "", &Failure{Class: Permanent, Code: "address", Cause: errors.New("an address cannot be read")}
	}
	c, err := s.connection()
	if err != nil {
		return "", &Failure{Class: Again, Code: "setup", Own: true, Cause: errors.New("the sender is set up wrongly")}
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := c.DialWithContext(ctx); err != nil {
		return "", dialled(err)
	}
	err = c.Send(msg)
	_ = c.Close() // what was taken was taken; a goodbye that fails changes nothing
	if err != nil {
		return "", handed(err)
	}
	return id, nil
}

// message is the mail. Its Message-ID comes from the message's own id, so that a
// mail sent twice is one mail to programs that compare.
func (s *mailer) message(m Message) (*mail.Msg, string, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.From(s.from); err != nil {
		return nil, "", err
	}
	if err := msg.To(m.To); err != nil {
		return nil, "", err
	}
	from, err := netmail.ParseAddress(s.from)
	if err != nil {
		return nil, "", err
	}
	host := "localhost"
	for i := len(from.Address) - 1; i >= 0; i-- {
		if from.Address[i] == '@' {
			host = from.Address[i+1:]
			break
		}
	}
	sum := sha256.Sum256([]byte(m.ID))
	id := hex.EncodeToString(sum[:16]) + "@" + host
	msg.SetMessageIDWithValue(id)
	msg.SetDate()
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Notify-Id", m.ID)
	msg.Subject(m.Title)
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return msg, id, nil
}

func (s *mailer) connection() (*mail.Client, error) {
	o := []mail.Option{mail.WithPort(s.port), mail.WithTimeout(s.timeout), mail.WithoutNoop()}
	switch s.tls {
	case "tls":
		o = append(o, mail.WithSSL())
	case "none":
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
	default:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.user != "" {
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.user), mail.WithPassword(s.secret))
	}
	return mail.NewClient(s.host, o...)
}

// dialled says what went wrong before anything was handed over.
func dialled(err error) *Failure {
	f := &Failure{Class: Again, Code: "unreachable", Own: true, Cause: errors.New("no connection to the mail server")}
	var n net.Error
	if errors.As(err, &n) && n.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		f.Code = "timeout"
	}
	return f
}

// handed says what the server made of the mail: 5xx is for ever, 4xx for now; a
// connection that broke after the text may have been enough.
func handed(err error) *Failure {
	var e *mail.SendError
	if !errors.As(err, &e) {
		return &Failure{Class: Unsure, Code: "broken", Own: true, Cause: errors.New("the connection broke")}
	}
	code := "smtp"
	if n := e.ErrorCode(); n > 0 {
		code = "smtp_" + strconv.Itoa(n)
	}
	cause := errors.New(e.Reason.String())
	n := e.ErrorCode()
	switch {
	case e.Reason == mail.ErrSMTPDataClose && n == 0:
		return &Failure{Class: Unsure, Code: "broken", Own: true, Cause: cause}
	case n >= 500 && e.Reason == mail.ErrSMTPMailFrom:
		return &Failure{Class: Again, Code: code, Own: true, Cause: cause} // our own address is refused
	case n >= 500:
		return &Failure{Class: Permanent, Code: code, Cause: cause}
	case n >= 400:
		return &Failure{Class: Again, Code: code, Cause: cause}
	case e.Reason == mail.ErrConnCheck:
		return &Failure{Class: Again, Code: "unreachable", Own: true, Cause: cause}
	}
	return &Failure{Class: Unsure, Code: "broken", Own: true, Cause: cause}
}
