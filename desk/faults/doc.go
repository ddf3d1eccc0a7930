// Package faults makes a call of a port fail on purpose, so that the tests of a host can
// examine the state after a crash at every single call. The package wraps a storage engine,
// and by [Injector.Do] any port of the host, and counts every call with an effect.
//
// A [Scenario] wraps its ports with an [Injector], does something, and checks the result.
// [Explore] runs a scenario once undisturbed, and then again and again with one fault at each
// of the calls:
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
// The package never waits and uses no random numbers: the same scenario meets the same faults
// in the same order.
package faults
