// Package faults makes ports fail on purpose, at one chosen call, so that a host's
// tests can find out what is left after a crash at every single point. It wraps
// a storage engine, and by [Injector.Do] any port of the host, and counts every call
// of every method that touches something.
//
// A [Scenario] wraps the ports it uses with an [Injector], does something, and
// looks whether all is well. [Explore] runs it once undisturbed, and then again and
// again with one fault at each of its port calls:
//
//	err := faults.Explore(func(in *faults.Injector) error {
//		stores := memstore.New()
//		post := memtransport.New()
//		d := open(in.Stores(stores), transport{post, in}) // your program
//		_ = d.DoSomething()                              // may fail
//		in.Restart()                                     // the process starts anew
//		d = open(in.Stores(stores), transport{post, in})
//		if err := d.GoOn(); err != nil {                 // must not fail
//			return err
//		}
//		return lookWhetherAllIsWell(stores, post)
//	}, faults.Kinds()...)
//
// Nothing here waits, and there is no chance: the same scenario meets the same
// faults in the same order.
package faults
