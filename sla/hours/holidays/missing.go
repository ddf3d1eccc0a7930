package holidays

// missing says what is known to be missing in lists, or not to be as it is there: what could not
// be confirmed is left out. The page of the lists shows it.
var missing = map[string]string{
	"ar": "bridging days (puentes) that are decreed for each year; moves under Decreto 614/2025",
	"ca": "holidays of the provinces; days of mourning of 2022",
	"cy": "days that only the public service has",
	"es": "holidays of the regions and towns, and days that are moved to a Monday by them",
	"ke": "days that are declared once",
	"mw": "days that are declared once",
	"mx": "days of elections in the states",
	"ru": "days off that are moved for each year by decree",
	"th": "days that are declared or moved for each year by the cabinet",
	"ua": "since 2022 there are no days off under martial law; changes of 2017, 2018 and 2023",
	"us": "days of mourning that close federal offices only (5 December 2018, 9 January 2025); holidays of the states",
	"gb": "holidays of Scotland and Northern Ireland",
	"jp": "years in which the equinoxes are not announced yet are computed",
	"rs": "days of elections",
}
