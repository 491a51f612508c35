-- Tables of the package freqtrade, version 2021.3, as its models declare them for SQLite.
CREATE TABLE trades (
	id INTEGER NOT NULL,
	exchange VARCHAR NOT NULL,
	pair VARCHAR NOT NULL,
	is_open BOOLEAN NOT NULL,
	fee_open FLOAT NOT NULL,
	fee_open_cost FLOAT,
	fee_open_currency VARCHAR,
	fee_close FLOAT NOT NULL,
	fee_close_cost FLOAT,
	fee_close_currency VARCHAR,
	open_rate FLOAT,
	open_rate_requested FLOAT,
	open_trade_value FLOAT,
	close_rate FLOAT,
	close_rate_requested FLOAT,
	close_profit FLOAT,
	close_profit_abs FLOAT,
	stake_amount FLOAT NOT NULL,
	amount FLOAT,
	amount_requested FLOAT,
	open_date DATETIME NOT NULL,
	close_date DATETIME,
	open_order_id VARCHAR,
	stop_loss FLOAT,
	stop_loss_pct FLOAT,
	initial_stop_loss FLOAT,
	initial_stop_loss_pct FLOAT,
	stoploss_order_id VARCHAR,
	stoploss_last_update DATETIME,
	max_rate FLOAT,
	min_rate FLOAT,
	sell_reason VARCHAR,
	sell_order_status VARCHAR,
	strategy VARCHAR,
	timeframe INTEGER,
	PRIMARY KEY (id)
);
CREATE INDEX ix_trades_is_open ON trades (is_open);
CREATE INDEX ix_trades_stoploss_order_id ON trades (stoploss_order_id);
CREATE INDEX ix_trades_pair ON trades (pair);
CREATE TABLE pairlocks (
	id INTEGER NOT NULL,
	pair VARCHAR NOT NULL,
	reason VARCHAR,
	lock_time DATETIME NOT NULL,
	lock_end_time DATETIME NOT NULL,
	active BOOLEAN NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ix_pairlocks_pair ON pairlocks (pair);
CREATE INDEX ix_pairlocks_lock_end_time ON pairlocks (lock_end_time);
CREATE INDEX ix_pairlocks_active ON pairlocks (active);
CREATE TABLE orders (
	id INTEGER NOT NULL,
	ft_trade_id INTEGER,
	ft_order_side VARCHAR NOT NULL,
	ft_pair VARCHAR NOT NULL,
	ft_is_open BOOLEAN NOT NULL,
	order_id VARCHAR NOT NULL,
	status VARCHAR,
	symbol VARCHAR,
	order_type VARCHAR,
	side VARCHAR,
	price FLOAT,
	amount FLOAT,
	filled FLOAT,
	remaining FLOAT,
	cost FLOAT,
	order_date DATETIME,
	order_filled_date DATETIME,
	order_update_date DATETIME,
	PRIMARY KEY (id),
	CONSTRAINT _order_pair_order_id UNIQUE (ft_pair, order_id),
	FOREIGN KEY(ft_trade_id) REFERENCES trades (id)
);
CREATE INDEX ix_orders_ft_trade_id ON orders (ft_trade_id);
CREATE INDEX ix_orders_order_id ON orders (order_id);
CREATE INDEX ix_orders_ft_is_open ON orders (ft_is_open);
