module github.com/deskcore/helpdesk

go 1.26.0

require (
	github.com/rickar/cal/v2 v2.1.13
	github.com/stretchr/testify v1.12.1
	pgregory.net/rapid v1.3.0
)
