-- The sample database: a shop with its archive. {{size}} is the number of thousands of orders.
SET SESSION sql_log_bin = 0;
SET SESSION foreign_key_checks = 0, unique_checks = 0;
SET NAMES utf8mb4;
SET @size = {{size}};

CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE DATABASE `shop-archive` CHARACTER SET latin1 COLLATE latin1_swedish_ci;
USE shop;

-- 0 to 999; two of them joined count to a million on any server.
CREATE TABLE numbers (n INT NOT NULL PRIMARY KEY) ENGINE=InnoDB COMMENT='helper: 0 to 999';
INSERT INTO numbers
  SELECT a.d + 10 * b.d + 100 * c.d
  FROM (SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5
        UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) a,
       (SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5
        UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) b,
       (SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5
        UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) c;

CREATE TABLE country (
  code CHAR(2) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  name VARCHAR(60) NOT NULL,
  vat_percent DECIMAL(4,2) NOT NULL
) ENGINE=InnoDB;
INSERT INTO country VALUES ('NL', 'Nederland', 21.00), ('DE', 'Deutschland', 19.00), ('FR', 'France', 20.00),
  ('GR', 'Ελλάδα', 24.00), ('JP', '日本', 10.00), ('IS', 'Ísland', 24.00), ('TR', 'Türkiye', 20.00), ('UA', 'Україна', 20.00);

CREATE TABLE category (
  id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  parent_id SMALLINT UNSIGNED NULL,
  name VARCHAR(80) NOT NULL,
  CONSTRAINT category_parent FOREIGN KEY (parent_id) REFERENCES category (id) ON DELETE SET NULL
) ENGINE=InnoDB;
INSERT INTO category (parent_id, name) SELECT NULLIF(FLOOR(n / 5), 0), CONCAT('Category № ', n + 1) FROM numbers WHERE n < 40;

CREATE TABLE product (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  category_id SMALLINT UNSIGNED NOT NULL,
  sku VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(120) NOT NULL,
  name_latin1 VARCHAR(120) CHARACTER SET latin1 NOT NULL,
  description TEXT NOT NULL,
  price_net DECIMAL(10,2) NOT NULL,
  vat_percent DECIMAL(4,2) NOT NULL DEFAULT 21.00,
  -- with generated_columns
  price_gross DECIMAL(12,2) AS (ROUND(price_net * (1 + vat_percent / 100), 2)) STORED,
  name_length INT AS (CHAR_LENGTH(name)) VIRTUAL,
  -- without generated_columns
  price_gross DECIMAL(12,2) NULL,
  name_length INT NULL,
  -- end generated_columns
  stock INT NOT NULL DEFAULT 0,
  picture VARBINARY(64) NULL,
  UNIQUE KEY product_sku (sku),
  KEY product_gross (price_gross),
  FULLTEXT KEY product_words (name, description),
  CONSTRAINT product_category FOREIGN KEY (category_id) REFERENCES category (id)
) ENGINE=InnoDB;
INSERT INTO product (category_id, sku, name, name_latin1, description, price_net, stock, picture)
  SELECT 1 + n % 40, CONCAT('SKU-', LPAD(n, 6, '0')), CONCAT(ELT(1 + n % 5, 'Kaffee ☕', 'Tasse', 'Crème brûlée 🍮', 'Ψωμί', '寿司 🍣'), ' ', n),
         CONCAT(ELT(1 + n % 3, 'Käse', 'Fromagé', 'Señor'), ' ', n), CONCAT('A fine article, number ', n, '. ', REPEAT('Very useful. ', 3)),
         5 + n % 97 + 0.99, n % 300, UNHEX(SHA2(n, 512))
  FROM numbers WHERE n < 500;

CREATE TABLE customer (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(190) NOT NULL,
  first_name VARCHAR(60) NOT NULL,
  last_name VARCHAR(60) NOT NULL,
  -- with generated_columns
  full_name VARCHAR(125) AS (CONCAT(first_name, ' ', last_name)) VIRTUAL,
  -- without generated_columns
  full_name VARCHAR(125) NULL,
  -- end generated_columns
  country_code CHAR(2) CHARACTER SET ascii NOT NULL,
  note VARCHAR(255) CHARACTER SET latin1 NULL,
  preferences SET('mail', 'phone', 'post', 'none') NOT NULL DEFAULT 'mail',
  level ENUM('new', 'silver', 'gold', 'Größe XL') NOT NULL DEFAULT 'new',
  born DATE NULL,
  registered_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  changed_at TIMESTAMP NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP,
  UNIQUE KEY customer_email (email),
  KEY customer_name (last_name, first_name),
  CONSTRAINT customer_country FOREIGN KEY (country_code) REFERENCES country (code)
) ENGINE=InnoDB;
INSERT INTO customer (email, first_name, last_name, country_code, note, level, born, registered_at)
  SELECT CONCAT('customer', a.n * 1000 + b.n, '@example.com'), ELT(1 + b.n % 6, 'Zoë', 'José', 'Ólafur', 'Ελένη', 'さくら', 'Anna'),
         ELT(1 + (a.n + b.n) % 5, 'Müller', 'García', 'de Vries', 'Παπαδοπούλου', '😀 Emoji'),
         ELT(1 + b.n % 8, 'NL', 'DE', 'FR', 'GR', 'JP', 'IS', 'TR', 'UA'), ELT(1 + b.n % 3, 'ruft täglich an', 'préfère le matin', NULL),
         1 + b.n % 4, DATE_ADD('1950-01-01', INTERVAL (a.n * 37 + b.n * 11) % 18000 DAY),
         FROM_UNIXTIME(1500000000 + (a.n * 1000 + b.n) * 977)
  FROM numbers a JOIN numbers b WHERE a.n < GREATEST(1, @size DIV 5);

CREATE TABLE `order` (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT UNSIGNED NOT NULL,
  placed_at DATETIME(6) NOT NULL,
  paid_at TIMESTAMP(3) NULL DEFAULT NULL,
  status ENUM('open', 'paid', 'sent', 'returned') NOT NULL,
  remarks VARCHAR(500) NULL,
  address VARCHAR(400) NOT NULL,
  KEY order_customer (customer_id, placed_at),
  CONSTRAINT order_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
) ENGINE=InnoDB;
INSERT INTO `order` (customer_id, placed_at, paid_at, status, remarks, address)
  SELECT 1 + (a.n * 7919 + b.n * 104729) % (GREATEST(1, @size DIV 5) * 1000), DATE_ADD('2021-01-01', INTERVAL a.n * 1000 + b.n MINUTE),
         IF(b.n % 4 = 0, NULL, FROM_UNIXTIME(1609459200 + (a.n * 1000 + b.n) * 60)), 1 + b.n % 4,
         CONCAT('Please leave at the door. ', REPEAT(LEFT(SHA2(a.n * 1000 + b.n, 256), 32), 6)), CONCAT(b.n, ' Hauptstraße, ', REPEAT(LEFT(SHA2(b.n * 31 + a.n, 256), 32), 8))
  FROM numbers a JOIN numbers b WHERE a.n < @size;

CREATE TABLE order_line (
  order_id INT UNSIGNED NOT NULL,
  line SMALLINT UNSIGNED NOT NULL,
  product_id INT UNSIGNED NOT NULL,
  quantity INT NOT NULL,
  price_net DECIMAL(10,2) NOT NULL,
  -- with generated_columns
  total_net DECIMAL(14,2) AS (quantity * price_net) STORED,
  -- without generated_columns
  total_net DECIMAL(14,2) NULL,
  -- end generated_columns
  PRIMARY KEY (order_id, line),
  KEY order_line_product (product_id),
  CONSTRAINT order_line_order FOREIGN KEY (order_id) REFERENCES `order` (id) ON DELETE CASCADE,
  CONSTRAINT order_line_product FOREIGN KEY (product_id) REFERENCES product (id)
) ENGINE=InnoDB;
INSERT INTO order_line (order_id, line, product_id, quantity, price_net)
  SELECT 1 + a.n * 1000 + b.n, l.n + 1, 1 + (a.n * 17 + b.n * 3 + l.n * 101) % 500, 1 + (b.n + l.n) % 5, 5 + (b.n + l.n) % 97 + 0.99
  FROM numbers a JOIN numbers b JOIN numbers l WHERE a.n < @size AND l.n < 2;

CREATE TABLE page_view (
  id BIGINT UNSIGNED NOT NULL,
  viewed_on DATE NOT NULL,
  url VARCHAR(200) NOT NULL,
  agent VARCHAR(700) NOT NULL,
  PRIMARY KEY (id, viewed_on)
) ENGINE=InnoDB
  PARTITION BY RANGE (YEAR(viewed_on)) (
    PARTITION before_2022 VALUES LESS THAN (2022),
    PARTITION in_2022 VALUES LESS THAN (2023),
    PARTITION in_2023 VALUES LESS THAN (2024),
    PARTITION later VALUES LESS THAN MAXVALUE);
INSERT INTO page_view
  SELECT a.n * 1000 + b.n, DATE_ADD('2021-06-01', INTERVAL (a.n * 1000 + b.n) % 1400 DAY), CONCAT('/product/', b.n, '?source=', a.n),
         CONCAT('Mozilla/5.0 ', REPEAT(LEFT(SHA2(a.n * 1000 + b.n, 256), 32), 20))
  FROM numbers a JOIN numbers b WHERE a.n < @size * 5 DIV 2;

CREATE TABLE search_log (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  words VARCHAR(200) NOT NULL,
  found INT NOT NULL,
  FULLTEXT KEY search_words (words)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4;
INSERT INTO search_log (words, found) SELECT CONCAT('coffee cup ', n, ' müde ☕'), n % 7 FROM numbers;

CREATE TABLE stock_movement (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  product_id INT UNSIGNED NOT NULL,
  difference INT NOT NULL,
  reason VARCHAR(40) NOT NULL,
  moved_by VARCHAR(200) NOT NULL,
  moved_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE=InnoDB;

CREATE TABLE setting (
  name VARCHAR(60) NOT NULL PRIMARY KEY,
  value LONGTEXT NULL,
  price FLOAT NULL,
  ratio DOUBLE NULL,
  flags BIT(10) NOT NULL DEFAULT b'0',
  place POINT NULL,
  day YEAR NULL,
  clock TIME(3) NULL
) ENGINE=InnoDB;
INSERT INTO setting VALUES ('empty', '', 0, 0, b'0', NULL, NULL, NULL), ('nothing', NULL, NULL, NULL, b'1', NULL, NULL, NULL),
  ('odd', 'quote '' backslash \\ newline \n tab \t end', 1.5, 1e-300, b'1010101010', ST_GeomFromText('POINT(4.9 52.37)'), 2024, '-12:34:56.789');

USE `shop-archive`;
CREATE TABLE `order lines 2019` (
  `order no.` INT NOT NULL,
  `total in €` DECIMAL(12,2) NOT NULL,
  `what?` VARCHAR(100) NOT NULL,
  PRIMARY KEY (`order no.`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO `order lines 2019` SELECT n, n * 1.5, CONCAT('Größe ', n) FROM shop.numbers;
CREATE TABLE `select` (`from` INT NOT NULL PRIMARY KEY, `a``b` VARCHAR(20) NULL) ENGINE=InnoDB;
INSERT INTO `select` VALUES (1, 'backtick'), (2, NULL);
CREATE TABLE `naïve#1` (id INT NOT NULL PRIMARY KEY, text VARCHAR(50)) ENGINE=MyISAM DEFAULT CHARSET=latin1;
INSERT INTO `naïve#1` VALUES (1, 'déjà vu'), (2, 'ça va'), (3, '');
CREATE TABLE no_key (a INT NULL, b VARCHAR(20) NULL) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO no_key VALUES (1, 'x'), (1, 'x'), (NULL, NULL);
CREATE TABLE empty_table (id INT NOT NULL PRIMARY KEY) ENGINE=InnoDB;

SET SESSION foreign_key_checks = 1, unique_checks = 1;
