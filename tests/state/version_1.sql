BEGIN TRANSACTION;
CREATE TABLE audit_log (
	sequence INTEGER NOT NULL,
	at DATETIME NOT NULL,
	actor TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	reason TEXT NOT NULL,
	details TEXT NOT NULL,
	previous VARCHAR(64) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	PRIMARY KEY (sequence)
);
INSERT INTO "audit_log" VALUES(1,'2026-03-06 13:00:00.123456','alice','bots forget','bot3','sold – "gone"','{}','0000000000000000000000000000000000000000000000000000000000000000','2d4ad203482088d147dda0402a4675b0f76574d09f127f981ff5deb324177960');
INSERT INTO "audit_log" VALUES(2,'2026-03-06 13:00:00.123456','alice','bots forget','bot4','sold – "gone"','{}','2d4ad203482088d147dda0402a4675b0f76574d09f127f981ff5deb324177960','e222aaab448d2f5ce01df89245554bbce9e6e2a83cd5653ac096849d6ba5660e');
CREATE TABLE carried_findings (
	bot TEXT NOT NULL,
	check_name TEXT NOT NULL,
	code TEXT NOT NULL,
	severity TEXT NOT NULL,
	day VARCHAR(10) NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (bot, check_name, code, severity, day)
);
INSERT INTO "carried_findings" VALUES('bot1','accounting','fees_counter_decreased_critical','critical','2026-03-06','{"severity": "critical", "check": "accounting", "message": "fees_counter_decreased_critical", "bot": "bot1", "details": {"fees": {"decimal": "2.79500741191964"}}, "step_at": "2026-03-06T12:00:00.123456+00:00", "occurrences": 2, "last_at": "2026-03-06T12:00:00.123456+00:00"}');
CREATE TABLE first_seen (
	bot TEXT NOT NULL,
	check_name TEXT NOT NULL,
	code TEXT NOT NULL,
	severity TEXT NOT NULL,
	at DATETIME NOT NULL,
	PRIMARY KEY (bot, check_name, code, severity)
);
INSERT INTO "first_seen" VALUES('bot1','accounting','fees_counter_decreased_critical','critical','2026-03-06 12:00:00.123456');
CREATE TABLE forgotten_bots (
	bot TEXT NOT NULL,
	at DATETIME NOT NULL,
	PRIMARY KEY (bot)
);
INSERT INTO "forgotten_bots" VALUES('bot3','2026-03-06 13:00:00.123456');
INSERT INTO "forgotten_bots" VALUES('bot4','2026-03-06 13:00:00.123456');
CREATE TABLE ledger_progress (
	fleet TEXT NOT NULL,
	"key" TEXT NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (fleet, "key")
);
INSERT INTO "ledger_progress" VALUES('hbot','bot1/minute','{}');
CREATE TABLE outbox (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	sink TEXT NOT NULL,
	name TEXT NOT NULL,
	at DATETIME NOT NULL,
	body TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	due_at DATETIME NOT NULL,
	leased_until DATETIME,
	last_error TEXT
);
INSERT INTO "outbox" VALUES(1,'webhook','firing','2026-03-06 12:00:00.123456','{"kind": "firing"}',0,'2026-03-06 12:00:00.123456',NULL,NULL);
CREATE TABLE recon_state (
	id INTEGER NOT NULL,
	schema_version INTEGER NOT NULL,
	revision BIGINT NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "recon_state" VALUES(1,1,3);
CREATE TABLE remembered (
	name TEXT NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "remembered" VALUES('notice','{"kind": "firing", "at": "2026-03-06T12:00:00.123456+00:00", "fingerprint": "abc", "involved": [["bot1", "accounting"]]}');
INSERT INTO "remembered" VALUES('stamp','{"at": "2026-03-06T12:00:00.123456+00:00", "fingerprint": "def"}');
CREATE TABLE seen_bots (
	bot TEXT NOT NULL,
	at DATETIME NOT NULL,
	PRIMARY KEY (bot)
);
INSERT INTO "seen_bots" VALUES('bot1','2026-03-06 12:00:00.123456');
INSERT INTO "seen_bots" VALUES('bot2','2026-03-06 12:00:00.123456');
CREATE INDEX outbox_by_sink ON outbox (sink, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',1);
COMMIT;
