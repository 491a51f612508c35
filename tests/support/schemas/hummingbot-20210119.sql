-- Tables of Hummingbot's schema 20210119, the last one with amounts in floats. No package of that time can be had: they
-- are built from the columns that the migration to 20220130 of the package, version 20260922, reads.
CREATE TABLE "Metadata" (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE "Order" (
	id TEXT NOT NULL PRIMARY KEY,
	config_file_path TEXT NOT NULL,
	strategy TEXT NOT NULL,
	market TEXT NOT NULL,
	symbol TEXT NOT NULL,
	base_asset TEXT NOT NULL,
	quote_asset TEXT NOT NULL,
	creation_timestamp BIGINT NOT NULL,
	order_type TEXT NOT NULL,
	amount FLOAT NOT NULL,
	price FLOAT NOT NULL,
	last_status TEXT NOT NULL,
	last_update_timestamp BIGINT NOT NULL,
	exchange_order_id TEXT,
	leverage INTEGER,
	position TEXT
);
CREATE TABLE "TradeFill" (
	id INTEGER NOT NULL PRIMARY KEY,
	config_file_path TEXT NOT NULL,
	strategy TEXT NOT NULL,
	market TEXT NOT NULL,
	symbol TEXT NOT NULL,
	base_asset TEXT NOT NULL,
	quote_asset TEXT NOT NULL,
	timestamp BIGINT NOT NULL,
	order_id TEXT NOT NULL REFERENCES "Order" (id),
	trade_type TEXT NOT NULL,
	order_type TEXT NOT NULL,
	price FLOAT NOT NULL,
	amount FLOAT NOT NULL,
	trade_fee JSON NOT NULL,
	exchange_trade_id TEXT NOT NULL,
	leverage INTEGER,
	position TEXT
);
