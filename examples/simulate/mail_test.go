package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A gateway's way with whole mails: an answer finds its conversation without the address that was given
// for it, a machine's mail changes nothing, a bounce is noted, and what cannot be read is a message
// (T51, T54–T56).
func TestMail(t *testing.T) {
	t.Parallel()
	mail := func(headers, body string) string {
		return strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(headers + "\n\n" + body)
	}
	script := func(sent string) string {
		lines := []string{
			`{"do":"account","as":"acc","email":"ada@account.example"}`,
			`{"do":"mail","as":"c","raw":"` + mail("From: Ada <Ada@Account.example>\nSubject: =?utf-8?q?Drucker_br=C3=A4nnt?=\nMessage-ID: <1@account.example>", "Help.") + `"}`,
			`{"do":"reply","conversation":"c","text":"Water?"}`,
			`{"do":"mail","raw":"` + mail("From: ada@account.example\nMessage-ID: <2@account.example>\nIn-Reply-To: <"+sent+">", "No.") + `"}`,
			`{"do":"mail","raw":"` + mail("From: ada@account.example\nSubject: Automatic reply: x\nIn-Reply-To: <"+sent+">\nMessage-ID: <3@account.example>", "I am away.") + `"}`,
			`{"do":"mail","raw":"` + mail("From: eve@elsewhere.example\nMessage-ID: <4@elsewhere.example>\nReferences: <"+sent+">", "Hello.") + `"}`,
			`{"do":"mail","envelope_from":"","raw":"` + mail("From: mailer-daemon@mx.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
				"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ada@account.example\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <"+sent+">\n\n--b--\n") + `"}`,
			`{"do":"mail","raw":"` + mail("From: robot@elsewhere.example\nAuto-Submitted: auto-generated", "Beep.") + `"}`,
			`{"do":"mail","as":"odd","raw":"no header at all"}`,
			`{"do":"conversation","conversation":"c"}`,
		}
		return strings.Join(lines, "\n") + "\n"
	}
	out, _, _ := simulate(t, script("x@y"))
	_, after, ok := strings.Cut(out, `"message_id":"`)
	require.True(t, ok)
	sent, _, _ := strings.Cut(after, `"`)
	out, complaints, _ := simulate(t, script(sent))
	require.Empty(t, complaints)
	for _, want := range []string{
		`"subject":"Re: Drucker brännt"`, `"in_reply_to":"1@account.example"`,
		`"result":{"conversation":"c","list":"active","message":"2@account.example","seq":3}`,
		`"machine":true,"reason":["out_of_office"]`,
		`"type":"participant_message","by":"third_party"`,
		`"reason":["return_path","daemon","report"],"bounced":"conv/c/msg/2"`,
		`"undelivered":true`,
		`"did":"mail","result":{"machine":true,"reason":["auto_submitted"]}`,
		`"did":"mail","as":"odd","result":{"conversation":"odd"`,
	} {
		require.Contains(t, out, want)
	}
}

// T53: mail through a list may be a person's, whom people answer; the setup says otherwise.
func TestMailThroughLists(t *testing.T) {
	t.Parallel()
	const through = `{"do":"mail","as":"c","recipient":"support@desk.example","raw":"From: ada@account.example\nTo: all@list.example\nList-Id: All <all.list.example>\nSubject: Help\nMessage-ID: <1@account.example>\n\nHelp."}`
	for setup, want := range map[string]string{
		``:                                       `"list":"active"`,
		`,"mail":{"lists":true}`:                 `"list":"active"`,
		`,"mail":{"lists":["all.list.example"]}`: `"list":"automated"`,
		`,"mail":{"lists":["other.example"]}`:    `"list":"active"`,
		`,"mail":{"lists":false}`:                `"machine":true,"reason":["list"]`,
	} {
		out, complaints, status := simulate(t, `{"do":"setup","inbox":{"add_on":true}`+setup+"}\n"+through)
		require.Empty(t, complaints)
		require.Equal(t, exitDone, status)
		require.Contains(t, out, want, setup)
	}
	for _, bad := range []string{`{"lists":7}`, `{"lists":[7]}`} {
		out, _, _ := simulate(t, `{"do":"setup","mail":`+bad+"}")
		require.Contains(t, out, "mail.lists must be")
	}
}
