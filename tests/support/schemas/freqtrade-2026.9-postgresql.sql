-- Tables of the package freqtrade, version 2026.9, as its models declare them for PostgreSQL.
CREATE TYPE tradingmode AS ENUM ('SPOT', 'MARGIN', 'FUTURES');
CREATE TABLE "KeyValueStore" (
	id SERIAL NOT NULL,
	key VARCHAR(50) NOT NULL,
	value_type VARCHAR(20) NOT NULL,
	string_value VARCHAR(255),
	datetime_value TIMESTAMP WITHOUT TIME ZONE,
	float_value DOUBLE PRECISION,
	int_value INTEGER,
	PRIMARY KEY (id)
);
CREATE INDEX "ix_KeyValueStore_key" ON "KeyValueStore" (key);
CREATE TABLE trades (
	id SERIAL NOT NULL,
	exchange VARCHAR(25) NOT NULL,
	pair VARCHAR(25) NOT NULL,
	base_currency VARCHAR(25),
	stake_currency VARCHAR(25),
	is_open BOOLEAN NOT NULL,
	fee_open FLOAT NOT NULL,
	fee_open_cost FLOAT,
	fee_open_currency VARCHAR(25),
	fee_close FLOAT NOT NULL,
	fee_close_cost FLOAT,
	fee_close_currency VARCHAR(25),
	open_rate FLOAT NOT NULL,
	open_rate_requested FLOAT,
	open_trade_value FLOAT,
	close_rate FLOAT,
	close_rate_requested FLOAT,
	realized_profit FLOAT,
	close_profit FLOAT,
	close_profit_abs FLOAT,
	stake_amount FLOAT NOT NULL,
	max_stake_amount FLOAT,
	amount FLOAT NOT NULL,
	amount_requested FLOAT,
	open_date TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	close_date TIMESTAMP WITHOUT TIME ZONE,
	stop_loss FLOAT,
	stop_loss_pct FLOAT,
	initial_stop_loss FLOAT,
	initial_stop_loss_pct FLOAT,
	is_stop_loss_trailing BOOLEAN NOT NULL,
	max_rate FLOAT,
	min_rate FLOAT,
	exit_reason VARCHAR(255),
	exit_order_status VARCHAR(100),
	strategy VARCHAR(100),
	enter_tag VARCHAR(255),
	timeframe INTEGER,
	trading_mode tradingmode,
	amount_precision FLOAT,
	price_precision FLOAT,
	precision_mode INTEGER,
	precision_mode_price INTEGER,
	contract_size FLOAT,
	leverage FLOAT,
	is_short BOOLEAN NOT NULL,
	liquidation_price FLOAT,
	interest_rate FLOAT NOT NULL,
	funding_fees FLOAT,
	funding_fee_running FLOAT,
	record_version INTEGER NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ix_trades_pair ON trades (pair);
CREATE INDEX ix_trades_is_open ON trades (is_open);
CREATE TABLE pairlocks (
	id SERIAL NOT NULL,
	pair VARCHAR(25) NOT NULL,
	side VARCHAR(25) NOT NULL,
	reason VARCHAR(255),
	lock_time TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	lock_end_time TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	active BOOLEAN NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ix_pairlocks_lock_end_time ON pairlocks (lock_end_time);
CREATE INDEX ix_pairlocks_pair ON pairlocks (pair);
CREATE INDEX ix_pairlocks_active ON pairlocks (active);
CREATE TABLE wallet_history (
	id SERIAL NOT NULL,
	timestamp TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	currency VARCHAR(25) NOT NULL,
	rate FLOAT,
	quote_currency VARCHAR(25) NOT NULL,
	balance FLOAT NOT NULL,
	total_quote FLOAT,
	total_position_value FLOAT,
	collateral FLOAT,
	leverage FLOAT NOT NULL,
	bot_managed BOOLEAN NOT NULL,
	PRIMARY KEY (id),
	CONSTRAINT unique_wallet_daily UNIQUE (timestamp, currency)
);
CREATE INDEX ix_wallet_history_timestamp ON wallet_history (timestamp);
CREATE TABLE trade_custom_data (
	id SERIAL NOT NULL,
	ft_trade_id INTEGER,
	cd_key VARCHAR(255) NOT NULL,
	cd_type VARCHAR(25) NOT NULL,
	cd_value TEXT NOT NULL,
	created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITHOUT TIME ZONE,
	PRIMARY KEY (id),
	CONSTRAINT _trade_id_cd_key UNIQUE (ft_trade_id, cd_key),
	FOREIGN KEY(ft_trade_id) REFERENCES trades (id)
);
CREATE INDEX ix_trade_custom_data_ft_trade_id ON trade_custom_data (ft_trade_id);
CREATE TABLE orders (
	id SERIAL NOT NULL,
	ft_trade_id INTEGER NOT NULL,
	ft_order_side VARCHAR(25) NOT NULL,
	ft_pair VARCHAR(25) NOT NULL,
	ft_is_open BOOLEAN NOT NULL,
	ft_amount FLOAT NOT NULL,
	ft_price FLOAT NOT NULL,
	ft_cancel_reason VARCHAR(255),
	order_id VARCHAR(255) NOT NULL,
	status VARCHAR(255),
	symbol VARCHAR(25),
	order_type VARCHAR(50),
	side VARCHAR(25),
	price FLOAT,
	average FLOAT,
	amount FLOAT,
	filled FLOAT,
	remaining FLOAT,
	cost FLOAT,
	stop_price FLOAT,
	order_date TIMESTAMP WITHOUT TIME ZONE,
	order_filled_date TIMESTAMP WITHOUT TIME ZONE,
	order_update_date TIMESTAMP WITHOUT TIME ZONE,
	funding_fee FLOAT,
	ft_fee_base FLOAT,
	ft_order_tag VARCHAR(255),
	PRIMARY KEY (id),
	CONSTRAINT _order_pair_order_id UNIQUE (ft_pair, order_id),
	FOREIGN KEY(ft_trade_id) REFERENCES trades (id)
);
CREATE INDEX ix_orders_ft_trade_id ON orders (ft_trade_id);
CREATE INDEX ix_orders_ft_is_open ON orders (ft_is_open);
CREATE INDEX ix_orders_order_id ON orders (order_id);
