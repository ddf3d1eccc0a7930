package main

import ("testing"; "github.com/deskcore/helpdesk/desk/memstore")

func BenchmarkZ(b *testing.B) {
	for _, c := range []struct{n string; f func(*long,int)}{{"tag",(*long).tag},{"note",(*long).note},{"reply",(*long).reply},{"write",(*long).write},{"view",(*long).view}} {
		b.Run(c.n, func(b *testing.B) {
			l := newLong(memstore.New(), 10)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() { c.f(l, 2) }
		})
	}
}
