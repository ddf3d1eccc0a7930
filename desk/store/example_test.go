package store_test

import (
	"fmt"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// A tenant is named by the host, here from the name of a host in a request.
func ExampleParseTenantID() {
	name, _, _ := strings.Cut("acme.desk.example", ".")
	tenant, err := store.ParseTenantID(name)
	fmt.Println(tenant, err)
	_, err = store.ParseTenantID("Not a tenant")
	fmt.Println(err)
	// Output:
	// acme <nil>
	// desk: "Not a tenant": not a tenant: a name is 1 to 63 of a-z, 0-9 and hyphens, with a letter or digit at both ends
}
