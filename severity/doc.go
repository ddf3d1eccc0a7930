// Package severity ranks support requests.
package severity
