module github.com/deskcore/helpdesk/bench

go 1.26.0

require (
	github.com/deskcore/helpdesk v0.0.0
	github.com/looplab/fsm v1.0.3
	github.com/rickar/cal/v2 v2.1.13
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/google/uuid v1.6.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/deskcore/helpdesk => ../
